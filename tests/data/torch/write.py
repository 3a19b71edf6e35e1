# Writes the files beside: PyTorch 1.13 (Debian 12, python3-torch), python3 write.py .
import torch, collections, sys, os
out=sys.argv[1]
os.makedirs(out, exist_ok=True)
torch.manual_seed(0)
a=torch.arange(6,dtype=torch.float32).reshape(2,3)
sd=collections.OrderedDict()
sd['half']=torch.tensor([1.0,-2.5],dtype=torch.float16)
sd['bf16']=torch.tensor([1.0,-2.5],dtype=torch.bfloat16)
sd['double']=torch.tensor([0.1],dtype=torch.float64)
sd['i64']=torch.tensor([-1,2**40]); sd['i32']=torch.tensor([-3],dtype=torch.int32)
sd['i16']=torch.tensor([-3],dtype=torch.int16); sd['i8']=torch.tensor([-3],dtype=torch.int8)
sd['u8']=torch.tensor([200],dtype=torch.uint8); sd['flag']=torch.tensor([True,False,True])
sd['scalar']=torch.tensor(7)
sd['empty']=torch.zeros(0,4)
sd['param']=torch.nn.Parameter(a.clone())
sd['tied']=sd['param']
big=torch.arange(10,dtype=torch.float32)
sd['slice']=big[4:8]
sd['rows']=big.reshape(5,2)[1:3]
torch.save(sd, out+'/kinds.bin')
m=torch.nn.Sequential(torch.nn.Linear(3,2), torch.nn.BatchNorm1d(2))
with torch.no_grad():
    for i,p in enumerate(m.parameters()): p.copy_(torch.arange(p.numel(),dtype=torch.float32).reshape(p.shape)+i)
torch.save({'epoch':3,'lr':0.1,'optimizer':{'state':{0:a},'groups':[{'lr':1e-3,'p':[1,2]}]},'state_dict':m.state_dict(),'name':'x','none':None,'big':2**40}, out+'/wrapped.bin')
torch.save(m.state_dict(), out+'/module.bin', pickle_protocol=4)
torch.save({'t':a.t(),'expanded':torch.tensor([[1.],[2.]]).expand(2,3),'plain':a,'step':torch.arange(8,dtype=torch.int16)[::2]}, out+'/strided.bin')
torch.save(m.state_dict(), out+'/legacy.bin', _use_new_zipfile_serialization=False)
torch.save(m, out+'/module_object.bin')
torch.save({'q':torch.quantize_per_tensor(a,0.1,0,torch.qint8)}, out+'/quantized.bin')
torch.save({'s':a.to_sparse()}, out+'/sparse.bin')
torch.save({'c':torch.tensor([1j])}, out+'/complex.bin')
torch.save([a], out+'/list.bin')
torch.jit.script(torch.nn.Linear(1,1)).save(out+'/script.bin')

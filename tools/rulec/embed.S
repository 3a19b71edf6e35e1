/* The blob of rules, and its end. SWITCHYARD_RULE_BLOB is the file that rulec wrote. */
    .section .rodata
    .balign 16
    .globl switchyard_rule_blob_begin
    .globl switchyard_rule_blob_end
switchyard_rule_blob_begin:
    .incbin SWITCHYARD_RULE_BLOB
switchyard_rule_blob_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits

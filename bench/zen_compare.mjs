// zen-engine's side of zen_compare.sh: writes the table and the inputs, decides them all in every way
// that Node offers, and leaves its answers beside them.
//
//   node zen_compare.mjs PACKAGES DIR     PACKAGES: a folder where zen-engine was installed by npm
//
// DIR gets rules.yaml (ours), inputs.tsv (model type, architecture), answers.txt (a task a line) and
// zen.tsv (way, decisions per second through Node, decisions per second by its own clock).
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [packages, directory] = process.argv.slice(2);
const zen = createRequire(join(packages, 'package.json'))('@gorules/zen-engine-linux-x64-gnu');

const RULES = 300;
const ARCHITECTURES = 4; // of each model type, beside a rule for all others
const INPUTS = 200_000;
const TASKS = 40;

// xorshift32: the same inputs on every run.
let state = 2463534242;
function random(below) {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
  return state % below;
}

const type = (i) => `model-type-${i}`;
const architecture = (i, k) => `Model${i}For${k === 0 ? 'MaskedLM' : `Task${k}`}`;

// Top to bottom: the architectures of each type, then the type; at the end a rule for everything.
const rules = [];
const types = Math.floor((RULES - 1) / (ARCHITECTURES + 1));
for (let i = 0; i < types; ++i) {
  for (let k = 0; k < ARCHITECTURES; ++k) {
    rules.push([type(i), architecture(i, k), `task-${random(TASKS)}`]);
  }
}
for (let i = 0; i < types; ++i) rules.push([type(i), null, `task-${random(TASKS)}`]);
rules.push([null, null, 'rest']);

const inputs = [];
for (let i = 0; i < INPUTS; ++i) {
  // One in 16 is of an unknown type, one in 8 of an architecture that only its type decides.
  const t = random(16) === 0 ? types + random(1000) : random(types);
  inputs.push({ model_type: type(t), architecture: random(8) === 0 ? `Custom${random(1000)}` : architecture(t, random(ARCHITECTURES)) });
}

function yaml() {
  const lines = ['decision: task', 'hit_policy: first', 'rules:'];
  rules.forEach(([t, a, task], i) => {
    const when = [t && `model_type: ${t}`, a && `architecture: ${a}`].filter(Boolean).join(', ');
    lines.push(`  - {id: r${i}, ${when && `when: {${when}}, `}then: {task: ${task}}}`);
  });
  return lines.join('\n') + '\n';
}

const cell = (text) => (text === null ? '' : JSON.stringify(text));
const content = {
  contentType: 'application/vnd.gorules.decision',
  nodes: [
    { id: 'in', type: 'inputNode', name: 'request', position: { x: 0, y: 0 } },
    {
      id: 'table', type: 'decisionTableNode', name: 'task', position: { x: 0, y: 0 },
      content: {
        hitPolicy: 'first',
        inputs: [{ id: 'i1', name: 'model type', field: 'model_type' },
                 { id: 'i2', name: 'architecture', field: 'architecture' }],
        outputs: [{ id: 'o1', name: 'task', field: 'task' }],
        rules: rules.map(([t, a, task], i) => ({ _id: `r${i}`, i1: cell(t), i2: cell(a), o1: cell(task) })),
      },
    },
    { id: 'out', type: 'outputNode', name: 'response', position: { x: 0, y: 0 } },
  ],
  edges: [{ id: 'e1', sourceId: 'in', targetId: 'table', type: 'edge' },
          { id: 'e2', sourceId: 'table', targetId: 'out', type: 'edge' }],
};

writeFileSync(join(directory, 'rules.yaml'), yaml());
writeFileSync(join(directory, 'inputs.tsv'), inputs.map((x) => `${x.model_type}\t${x.architecture}\n`).join(''));

const UNITS = { ns: 1e-9, 'µs': 1e-6, ms: 1e-3, s: 1 };
function seconds(text) {
  const [, number, unit] = /^([\d.]+)(ns|µs|ms|s)$/.exec(text);
  return Number(number) * UNITS[unit];
}

const compiled = new zen.ZenDecisionContent(Buffer.from(JSON.stringify(content)));
const prepared = new zen.ZenEngine().createDecision(compiled);
const loading = new zen.ZenEngine({ loader: async () => compiled });
const fixed = new zen.ZenEngine({ loader: { type: 'static', content: { task: content } } });
const held = await fixed.getDecision('task');
const keyed = inputs.map((context) => ({ key: 'task', context }));

const each = (decide) => async (from, to) => {
  const out = [];
  for (let i = from; i < to; ++i) out.push(await decide(inputs[i]));
  return out;
};
const together = (decide) => (from, to) => Promise.all(inputs.slice(from, to).map(decide));
const batch = (engine) => (from, to) => engine.evaluateBatch(keyed.slice(from, to));
const ways = [
  ['evaluate, awaited one by one', each((x) => prepared.evaluate(x))],
  ['evaluate, 1,000 promises', together((x) => prepared.evaluate(x))],
  ['safeEvaluate, 1,000 promises', together((x) => prepared.safeEvaluate(x))],
  ['getDecision().evaluate, awaited', each((x) => held.evaluate(x))],
  ['engine.evaluate, 1,000 promises', together((x) => loading.evaluate('task', x))],
  ['evaluateBatch of 1,000, loaded', batch(loading)],
  ['evaluateBatch of 1,000, static', batch(fixed)],
];

const WARM_UP = 5_000;
const CHUNK = 1_000;
// What a way does not manage within this time it is not given all inputs for; the rate is the same.
const LONGEST = 20;
let answers;
const lines = [];
for (const [name, run] of ways) {
  for (let i = 0; i < WARM_UP; i += CHUNK) await run(i, i + CHUNK);
  const tasks = [];
  let reported = 0, elapsed = 0;
  for (let i = 0; i < INPUTS && elapsed < LONGEST; i += CHUNK) {
    const start = process.hrtime.bigint();
    const chunk = await run(i, i + CHUNK);
    elapsed += Number(process.hrtime.bigint() - start) / 1e9;
    for (const response of chunk) {
      const data = response.data ?? response;
      reported += seconds(data.performance);
      tasks.push(data.result.task);
    }
  }
  answers ??= tasks;
  const shared = Math.min(answers.length, tasks.length);
  for (let i = 0; i < shared; ++i) {
    if (answers[i] !== tasks[i]) throw new Error(`${name}: input ${i} gives ${tasks[i]}`);
  }
  if (tasks.length > answers.length) answers = tasks;
  lines.push(`${name}\t${Math.round(tasks.length / elapsed)}\t${Math.round(tasks.length / reported)}\n`);
}
if (answers.length < INPUTS) throw new Error(`no way decided all inputs in ${LONGEST} s`);
writeFileSync(join(directory, 'answers.txt'), answers.join('\n') + '\n');
writeFileSync(join(directory, 'zen.tsv'), lines.join(''));
process.exit(0);

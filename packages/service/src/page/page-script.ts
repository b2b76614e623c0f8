/** What the start page does in a browser: readiness every few seconds, and a form per pipeline. Text only, never markup. */
export const PAGE_SCRIPT: string = `
const state = JSON.parse(document.getElementById('state').textContent);
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

async function look() {
  let found;
  try {
    found = await (await fetch('/readyz')).json();
  } catch {
    found = { status: 'not reachable', reasons: [], roles: {} };
  }
  const overall = document.getElementById('overall');
  overall.textContent = found.status;
  overall.className = 'state ' + (found.status === 'ready' ? 'ready' : 'not-ready');
  overall.title = found.reasons.join(' ');
  for (const item of document.querySelectorAll('[data-role]')) {
    const status = found.roles?.[item.dataset.role] ?? 'unknown';
    const line = item.querySelector('.state');
    line.textContent = status;
    line.className = 'state ' + (status === 'ready' ? 'ready' : 'not-ready');
  }
}

const kindOf = (schema) => [schema.type].flat().find((type) => type !== 'null') ?? 'any';

function field(name, schema, isRequired) {
  const kind = kindOf(schema);
  const value = schema.default ?? schema.examples?.[0];
  const common = { name, required: isRequired && value === undefined && kind !== 'boolean' };
  let input;
  if (schema.enum) {
    input = make('select', common, ...(isRequired ? [] : [make('option', { value: '' })]), ...schema.enum.map((one) => make('option', { value: JSON.stringify(one) }, String(one))));
  } else if (kind === 'boolean') {
    input = make('input', { ...common, type: 'checkbox', checked: value === true });
    return { input, kind, label: make('label', { className: 'check' }, input, name) };
  } else if (kind === 'number' || kind === 'integer') {
    input = make('input', { ...common, type: 'number', step: kind === 'integer' ? '1' : 'any', value: value ?? '' });
  } else if (kind === 'string') {
    input = make('input', { ...common, type: 'text', value: value ?? '' });
  } else {
    input = make('textarea', { ...common, rows: 2, placeholder: 'JSON', value: value === undefined ? '' : JSON.stringify(value) });
  }
  return { input, kind: schema.enum ? 'enum' : kind, label: make('label', {}, make('span', {}, name, ' ', make('small', {}, schema.enum ? 'one of' : kind)), input) };
}

function valueOf({ input, kind }) {
  if (kind === 'boolean') return input.checked;
  if (input.value === '' && !input.required) return undefined;
  if (kind === 'string') return input.value;
  if (kind === 'number' || kind === 'integer') return Number(input.value);
  return JSON.parse(input.value);
}

const cell = (value) => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toPrecision(5);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

function table(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const isNumber = (name) => rows.some((row) => typeof row[name] === 'number');
  const line = (tag, text) => names.map((name) => make(tag, { className: isNumber(name) ? 'number' : '' }, text(name)));
  return make('table', {},
    make('thead', {}, make('tr', {}, make('th', { className: 'number' }, '#'), ...line('th', (name) => name))),
    make('tbody', {}, ...rows.map((row, at) => make('tr', {}, make('td', { className: 'number' }, String(at + 1)), ...line('td', (name) => cell(row[name]))))));
}

function show(answer, status, took, body) {
  if (body.error) {
    answer.replaceChildren(make('p', { className: 'failed' }, status + ' ' + body.error.code + ': ' + body.error.message),
      ...(body.error.issues ?? []).map((issue) => make('p', {}, issue.path.join('.') + ': ' + issue.message)));
    return;
  }
  const experiments = Object.entries(body.experiments ?? {}).map(([name, arm]) => name + '=' + arm).join(', ');
  const facts = [body.items.length + ' items in ' + took + ' ms', 'scored by ' + (body.versions.join(', ') || 'no model'),
    ...(body.degraded.length ? ['degraded: ' + body.degraded.join(', ')] : []), ...(experiments ? [experiments] : [])];
  answer.replaceChildren(make('p', {}, facts.join(' · ')), table(body.items));
  if (body.explanations) answer.append(make('p', {}, 'Every candidate:'), table(body.explanations.slice(0, 200)));
}

function tryForm(pipeline) {
  const schema = pipeline.input ?? {};
  const fields = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, field(name, one, (schema.required ?? []).includes(name))]);
  const explain = make('input', { type: 'checkbox' });
  const button = make('button', { type: 'submit' }, 'Recommend');
  const answer = make('div', { className: 'answer', ariaLive: 'polite' });
  const form = make('form', {}, ...fields.map(([, one]) => one.label), make('label', { className: 'check' }, explain, 'explain'), button);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    const startedAt = performance.now();
    try {
      const input = Object.fromEntries(fields.map(([name, one]) => [name, valueOf(one)]).filter(([, value]) => value !== undefined));
      const token = document.getElementById('token')?.value;
      const response = await fetch(pipeline.path + (explain.checked ? '?explain=true' : ''), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(token ? { authorization: 'Bearer ' + token } : {}) },
        body: JSON.stringify(input),
      });
      const body = await response.json();
      show(answer, response.status, Math.round(performance.now() - startedAt), body);
    } catch (error) {
      answer.replaceChildren(make('p', { className: 'failed' }, String(error)));
    } finally {
      button.disabled = false;
    }
  });
  return make('div', {}, form, answer);
}

for (const pipeline of state.pipelines) document.getElementById('try-' + pipeline.name).append(tryForm(pipeline));
look();
setInterval(look, 5000);
`;

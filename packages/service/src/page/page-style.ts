/** How the start page looks. No font, image or sheet comes from elsewhere. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f5f1; --paper: #ffffff; --ink: #1d1c1a; --faint: #6a675f; --line: #dedbd2;
  --accent: #a3341f; --good: #2f6b3c; --bad: #a3341f; --field: #fbfaf7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #171614; --paper: #201f1c; --ink: #ece9e2; --faint: #a09c92; --line: #37352f;
    --accent: #e8836b; --good: #7fc08d; --bad: #e8836b; --field: #191816;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; margin-bottom: 2rem; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -.02em; }
h2 { margin: 2.25rem 0 .75rem; font-size: .8rem; letter-spacing: .09em; text-transform: uppercase; color: var(--faint); }
nav { display: flex; gap: 1.1rem; margin-left: auto; }
a { color: var(--accent); text-underline-offset: .2em; }
.state { font-weight: 600; }
.state::before { content: ''; display: inline-block; width: .6em; height: .6em; margin-right: .45em; border-radius: 50%; background: currentColor; }
.ready { color: var(--good); } .not-ready { color: var(--bad); }
.roles { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: .75rem; padding: 0; margin: 0; list-style: none; }
.roles li, details { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem; }
.roles b { display: block; } .roles small { color: var(--faint); display: block; }
details { margin-bottom: .75rem; }
summary { cursor: pointer; font-weight: 600; }
summary code { color: var(--faint); font-weight: 400; margin-left: .6rem; }
form { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .8rem; margin: 1rem 0 .25rem; align-items: end; }
label { display: grid; gap: .2rem; font-size: .9rem; }
label small { color: var(--faint); }
label.check { display: flex; gap: .5rem; align-items: center; padding-bottom: .5rem; }
input[type='text'], input[type='number'], input[type='password'], textarea, select {
  width: 100%; font: inherit; color: inherit; background: var(--field); border: 1px solid var(--line); border-radius: .4rem; padding: .45rem .6rem;
}
textarea { font-family: ui-monospace, monospace; font-size: .85rem; }
button { font: inherit; font-weight: 600; color: var(--paper); background: var(--accent); border: 0; border-radius: .4rem; padding: .5rem 1.1rem; cursor: pointer; justify-self: start; }
button:disabled { opacity: .5; cursor: progress; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.answer { margin-top: 1rem; overflow-x: auto; }
.answer p { margin: .25rem 0; color: var(--faint); font-size: .9rem; }
.answer .failed { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--faint); }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.number, th.number { text-align: right; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, monospace; font-size: .85rem; }
footer { margin-top: 3rem; color: var(--faint); font-size: .85rem; }
`;

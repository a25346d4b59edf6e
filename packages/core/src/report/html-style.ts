/** Style of the report's page, light or dark by the reader's preference. */
export const pageStyle = `
:root { color-scheme: light dark; --text: light-dark(#1c2024, #e6e8ea); --dim: light-dark(#5c6670, #98a2ac);
  --page: light-dark(#fff, #16191c); --line: light-dark(#dde1e5, #30363c); --code: light-dark(#f2f4f6, #20252a);
  --green: light-dark(#17692f, #6fd08c); --yellow: light-dark(#7d5600, #e3b341); --red: light-dark(#b3261e, #ff8a80) }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 75rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2rem } h3 { font-size: 1rem; margin: 1.5rem 0 .25rem }
p { margin: .25rem 0 } .dim, dt, th { color: var(--dim) } .fine { color: var(--green) }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0 } dt { font-size: .85rem } dd { margin: 0 }
code { font: .9em ui-monospace, monospace; background: var(--code); padding: .1em .3em; border-radius: 3px; overflow-wrap: anywhere }
code:empty { display: none } .wide { overflow-x: auto } table { border-collapse: collapse; table-layout: fixed; width: 100%; min-width: 44rem }
th:nth-child(1) { width: 30% } th:nth-child(2) { width: 21% } th:nth-child(4) { width: 21% }
th, td { text-align: left; vertical-align: top; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line) }
th { font-weight: normal; font-size: .85rem } summary { cursor: pointer; margin-top: 2rem; font-weight: 600 }
.state { font-weight: 600; white-space: nowrap } .removed, .already-gone, .gone { color: var(--green) }
.kept, .live, .pending { color: var(--yellow) } .failed, .refused, .lost { color: var(--red) } .shared, .audit { color: var(--dim) }
`

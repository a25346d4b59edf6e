/** A Markdown table of the cases that each runner passes. */
import { align } from '../markdown-table.ts'
import type { Case } from './case.ts'
import { cases } from './cases/index.ts'
import type { Dialect } from './dialect.ts'
import { dialects } from './dialects/index.ts'

export function runnersTable(): string {
  const heads = dialects.map(({ name, versions }) => `${name} ${versions.map(({ version }) => version).join(', ')}`)
  const rows = cases.map((one) => [one.name, ...dialects.map((dialect) => cell(one, dialect))])
  return align([['what happens', ...heads], ...rows])
}

/** Names the excused versions if others are not excused. */
function cell({ name }: Case, { excuses, versions }: Dialect): string {
  const always = excuses.find(({ cases }) => cases.includes(name))
  if (always) return always.reason
  const some = versions.flatMap(({ version, excuses = [] }) =>
    excuses.filter(({ cases }) => cases.includes(name)).map(({ reason }) => `${version}: ${reason}`),
  )
  return ['✓', ...some].join('; ')
}

/** The table of docs/safety.md: what each environment allows, as in `profiles`. */
import { environments } from '../../src/config/config.ts'
import { profiles } from '../../src/config/profiles.ts'
import type { Profile } from '../../src/resource/profile.ts'

const options: readonly (keyof Profile)[] = ['remove', 'deletion', 'database', 'byPredicate', 'reset', 'limit']

const cell = (value: Profile[keyof Profile]): string =>
  typeof value === 'string' ? `\`'${value}'\`` : `\`${String(value)}\``

/** Markdown, without a newline at its end. */
export function profilesTable(): string {
  const table = [
    ['option', ...environments],
    ...options.map((option) => [`\`${option}\``, ...environments.map((name) => cell(profiles[name][option]))]),
  ]
  const widths = (table[0] as string[]).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) => `| ${row.map((text, i) => text.padEnd(widths[i] as number)).join(' | ')} |`
  const [head, ...body] = table.map(line)
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')
}

/** What Dustpan's newest run kept for a failed test: `orders 7`. */
import { spawnSync } from 'node:child_process'

export function keptThings(): ReadonlySet<string> {
  const list = spawnSync('dustpan list latest --state kept --json', { shell: true, encoding: 'utf8' })
  const { resources = [] } = JSON.parse(list.stdout) as { resources?: { type: string; key: string }[] }
  return new Set(resources.map(({ type, key }) => `${type.replace('-', '_')}s ${key}`))
}

/** Formats what `init` found and would write. */
import { inColour } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from '../counted.ts'
import type { ByHand, Change } from '../project/runner.ts'
import type { Terminal } from '../terminal.ts'
import { diffOf } from './diff.ts'
import type { InitPlan } from './plan.ts'

/** The number of files shown in full when many change in the same way. */
const shownInFull = 3

export function planText(
  { folder, runners, stores, uncaptured, changes, byHand, packages }: InitPlan,
  { colour }: Terminal,
): string {
  return inColour(colour, () => {
    const alike = changes.filter((change) => change.alike)
    const others = alike.slice(shownInFull)
    const shown = changes.filter((change) => !others.includes(change))
    const lines = [
      `${kleur.dim('Project')}  ${folder}`,
      `${kleur.dim('Runners')}  ${runners.map(({ name }) => name).join(', ')}`,
      `${kleur.dim('Stores')}   ${stores.map(storeText).join(', ') || 'only HTTP services and files'}`,
      '',
      ...uncaptured.flatMap(({ message, fix }) => [`${kleur.yellow('!')} ${message}. ${fix}`, '']),
      ...shown.flatMap(changeLines),
      ...(others.length > 0
        ? [`and ${others.length} more in the same way:`, ...others.map(({ file }) => `  ${file}`), '']
        : []),
      ...byHand.flatMap((one) =>
        byHandLines(
          one,
          changes.some(({ file }) => file === one.file),
        ),
      ),
      ...packageLines(packages),
      ...(changes.length === 0
        ? [byHand.length + packages.length === 0 ? 'Nothing to change.' : 'Nothing else to change.']
        : []),
    ]
    return `${lines.join('\n').trimEnd()}\n${changes.length > 0 ? '\n' : ''}`
  })
}

const storeText = ({ driver, variable }: InitPlan['stores'][number]): string =>
  variable === undefined ? driver : `${driver} (${variable})`

function changeLines(change: Change): readonly string[] {
  const head = `${kleur.bold(change.file)}${change.before === undefined ? kleur.dim('  new') : ''}`
  return [head, ...diffOf(change).map((line) => `  ${painted(line)}`), '']
}

function painted(line: string): string {
  if (line.startsWith('+')) return kleur.green(line)
  return line.startsWith('-') ? kleur.red(line) : kleur.dim(line)
}

function byHandLines({ file, why, add }: ByHand, isChanged: boolean): readonly string[] {
  return [
    `${kleur.yellow('!')} ${kleur.bold(file)} ${isChanged ? 'needs one more change' : 'is left unchanged'}: ${why}. Add by hand:`,
    '',
    ...add.split('\n').map((line) => (line === '' ? '' : `    ${line}`)),
    '',
  ]
}

function packageLines(packages: InitPlan['packages']): readonly string[] {
  if (packages.length === 0) return []
  const folders = packages.map(({ folder, runners }) => `    ${folder}  (${runners.join(', ')})`)
  return [`${kleur.yellow('!')} Packages with a test script of their own, to be set up separately:`, '', ...folders, '']
}

export function doneText(
  { changes, byHand, packages, install }: InitPlan,
  installed: boolean,
  { colour }: Terminal,
): string {
  return inColour(colour, () => {
    const files = counted(changes.length, 'file')
    const next = [
      ...(install && !installed ? [install.join(' ')] : []),
      ...packages.map(({ folder }) => `npx dustpan init --cwd ${folder}`),
      ...(changes.length > 0 || install || byHand.length > 0 ? ['npx dustpan doctor'] : []),
    ]
    const written = changes.length > 0 ? [`${kleur.green('✓')} ${files} written.`] : []
    const steps = next.length > 0 ? ['', 'Next:', ...next.map((line) => `  ${line}`)] : []
    return [...written, ...steps, ''].join('\n')
  })
}

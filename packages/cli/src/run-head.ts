import { type CleanupReport, type FoldedRun, isGoingOn, oneLine } from '@dustpan/core/ledger'
import kleur from 'kleur'
import { age } from './age.ts'
import { runOwner } from './run-owner.ts'

/** `Run 20261121-051207-k3f9x2  vitest 5.1.1, failed, 2 h ago, local`. */
export function runHead(folded: FoldedRun, { run }: CleanupReport): string {
  const ended = isGoingOn(folded) ? 'still running' : (run.ended ?? 'its processes died')
  const build = run.build === undefined ? [] : [`build ${run.build}`]
  const branch = run.branch === undefined ? [] : [`branch ${run.branch}`]
  const facts = [run.runner, ended, age(run.startedAt), run.environment, ...build, ...branch, runOwner(folded)]
  return `${kleur.bold(`Run ${run.id}`)}  ${kleur.dim(oneLine(facts.join(', ')))}`
}

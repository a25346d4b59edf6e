/** One round: starts a suite, kills one of its processes, recovers what is left, and checks the stores. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Project } from '@dustpan/conformance'
import { type Comparison, compare } from './compare.ts'
import type { Lane } from './lane.ts'
import { allEnd, isReaper, processesOf } from './processes.ts'
import { runners } from './runners.ts'
import type { Round } from './schedule.ts'
import { rowsMade, takeSnapshot } from './snapshot.ts'
import { peopleAtWork, strangersWrite } from './strangers.ts'

export type Sabotage = 'guard' | 'ledger'

export interface Result extends Comparison {
  readonly round: Round
  /** The number of rows that the round has created. */
  readonly created: number
  /** Whether the planned kill happened. */
  readonly struck: boolean
  /** All output of the round. */
  readonly output: string
}

/** After this long, even on a busy machine, a process is considered hung. */
const maxMs = 300_000
/** After this, the command line cleans up. */
const reaperPatienceMs = 6_000
const longestReaperMs = 90_000

/** Plays a round, and repeats it with the first such event if the planned one never came. */
export async function perform(round: Round, lane: Lane, sabotage?: Sabotage): Promise<Result> {
  const first = await attempt(round, lane, join(lane.folder, 'rounds', `${round.number}`), sabotage)
  if (first.struck || round.kill.nth === 1) return first
  const again = { ...round, kill: { ...round.kill, nth: 1, delayMs: Math.min(round.kill.delayMs, 0) } }
  const second = await attempt(again, lane, join(lane.folder, 'rounds', `${round.number}-again`), sabotage)
  return {
    ...second,
    left: [...first.left, ...second.left],
    kept: [...first.kept, ...second.kept],
    wronglyRemoved: [...first.wronglyRemoved, ...second.wronglyRemoved],
    output: `${first.output}\n\nonce more\n${second.output}`,
  }
}

async function attempt(round: Round, lane: Lane, folder: string, sabotage?: Sabotage): Promise<Result> {
  await mkdir(folder, { recursive: true })
  const made = await rowsMade(lane.places)
  const before = new Map([...(await takeSnapshot(lane.places)), ...(await strangersWrite(lane, basename(folder)))])
  const mark = `meanwhile-${basename(folder)}-`
  const people = peopleAtWork(lane, mark)
  const { output, endless } = await runSuite(round, lane, folder, sabotage)
  await allEnd(() => processesOf(folder), reaperPatienceMs)
  const stage = { round, lane, folder, sabotage, output }
  await recover(stage)
  const meanwhile = { mark, made: await people.stop() }
  let found = compare(before, await takeSnapshot(lane.places), meanwhile)
  if (found.left.length > 0) {
    output.push(`${found.left.length} left at first`)
    await allEnd(() => processesOf(folder).filter(isReaper), longestReaperMs)
    await recover(stage)
    found = compare(before, await takeSnapshot(lane.places), meanwhile)
  }
  return {
    ...{ round, ...found, left: [...found.left, ...endless], struck: existsSync(join(folder, 'struck')) },
    ...{ created: (await rowsMade(lane.places)) - made - meanwhile.made, output: output.join('\n') },
  }
}

async function runSuite({ runner, mode, kill }: Round, lane: Lane, folder: string, sabotage?: Sabotage) {
  const { modes } = runners[runner] as (typeof runners)[number]
  const { args, alone } = modes[mode % modes.length] as (typeof modes)[number]
  const project = lane.projects[runner] as Project
  const env = {
    ...{ ...lane.env, ...strikeIn(project, folder, sabotage), CHAOS_PLAN: JSON.stringify({ ...kill, alone }) },
    ...(kill.role === 'cli' ? { DUSTPAN_REAPER: '0' } : {}),
  }
  const running = project.start(args, env, { detached: true })
  await writeFile(join(folder, 'main.pid'), String(running.pid))
  const others = () => processesOf(folder).filter((pid) => !isReaper(pid))
  let orderly = true
  const tooLate = setTimeout(() => {
    orderly = false
    for (const pid of others()) process.kill(pid, 'SIGKILL')
  }, maxMs)
  const { all, exitCode, signal } = await running
  await allEnd(others, maxMs)
  clearTimeout(tooLate)
  const output = [
    `$ ${args.join(' ')}`,
    String(all),
    `ended with ${signal ?? exitCode}${orderly ? '' : ', and would not end'}`,
  ]
  return { output, endless: orderly ? [] : ['the suite itself, which would not end'] }
}

/** The environment that loads `strike.mjs` into a process and its descendants. */
const strikeIn = ({ folder: project }: Project, folder: string, sabotage?: Sabotage) => ({
  ...{ CHAOS_ROUND: folder, CHAOS_STRIKE: join(project, 'strike.mjs'), CHAOS_SABOTAGE: sabotage ?? '' },
  NODE_OPTIONS: `--import=${join(project, 'strike.mjs')}`,
})

interface Stage {
  readonly round: Round
  readonly lane: Lane
  readonly folder: string
  readonly sabotage: Sabotage | undefined
  readonly output: string[]
}

/** Runs `dustpan orphans`, and again if it was to be killed, or if the reaper was at work. */
async function recover({ round, lane, folder, sabotage, output }: Stage): Promise<void> {
  const project = lane.projects[round.runner] as Project
  for (let tries = 0; tries < 3; tries++) {
    const env = { ...lane.env, ...strikeIn(project, folder, sabotage), CHAOS_ROLE: 'cli' }
    const plan = JSON.stringify(round.kill)
    const cli = project.start(['node_modules/.bin/dustpan', 'orphans', '--execute', '--yes'], {
      ...env,
      CHAOS_PLAN: plan,
    })
    const { all, exitCode, signal } = await cli
    output.push('$ dustpan orphans --execute --yes', String(all), `ended with ${signal ?? exitCode}`)
    const isLocked = all?.includes('DUSTPAN_RUN_LOCKED')
    if (!isLocked && signal === undefined) return
    if (isLocked) await allEnd(() => processesOf(folder).filter(isReaper), longestReaperMs)
  }
}

/** One round: a suite is started, one of its processes dies, what is left is recovered, and the stores are asked. */
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
  /** Rows that the round has made. */
  readonly created: number
  /** Whether the process that was to die did. */
  readonly struck: boolean
  /** Everything that was said. */
  readonly output: string
}

/** What is under way for so long, on a machine however busy, will not end by itself. */
const longestMs = 300_000
/** Then the command line does what is left. */
const reaperPatienceMs = 6_000
const longestReaperMs = 90_000

/** Once more, at the first such moment, where the one that was planned never came. */
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
  const { said, endless } = await runSuite(round, lane, folder, sabotage)
  await allEnd(() => processesOf(folder), reaperPatienceMs)
  const stage = { round, lane, folder, sabotage, said }
  await recover(stage)
  const theirs = { mark, made: await people.stop() }
  let found = compare(before, await takeSnapshot(lane.places), theirs)
  if (found.left.length > 0) {
    said.push(`${found.left.length} left at first`)
    await allEnd(() => processesOf(folder).filter(isReaper), longestReaperMs)
    await recover(stage)
    found = compare(before, await takeSnapshot(lane.places), theirs)
  }
  return {
    ...{ round, ...found, left: [...found.left, ...endless], struck: existsSync(join(folder, 'struck')) },
    ...{ created: (await rowsMade(lane.places)) - made - theirs.made, output: said.join('\n') },
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
  }, longestMs)
  const { all, exitCode, signal } = await running
  await allEnd(others, longestMs)
  clearTimeout(tooLate)
  const said = [
    `$ ${args.join(' ')}`,
    String(all),
    `ended with ${signal ?? exitCode}${orderly ? '' : ', and would not end'}`,
  ]
  return { said, endless: orderly ? [] : ['the suite itself, which would not end'] }
}

/** What loads `strike.mjs` into a process, and all that it starts. */
const strikeIn = ({ folder: project }: Project, folder: string, sabotage?: Sabotage) => ({
  ...{ CHAOS_ROUND: folder, CHAOS_STRIKE: join(project, 'strike.mjs'), CHAOS_SABOTAGE: sabotage ?? '' },
  NODE_OPTIONS: `--import=${join(project, 'strike.mjs')}`,
})

interface Stage {
  readonly round: Round
  readonly lane: Lane
  readonly folder: string
  readonly sabotage: Sabotage | undefined
  readonly said: string[]
}

/** `dustpan orphans`; once more where it was its turn to die, or where the reaper was at work. */
async function recover({ round, lane, folder, sabotage, said }: Stage): Promise<void> {
  const project = lane.projects[round.runner] as Project
  for (let tries = 0; tries < 3; tries++) {
    const env = { ...lane.env, ...strikeIn(project, folder, sabotage), CHAOS_ROLE: 'cli' }
    const plan = JSON.stringify(round.kill)
    const cli = project.start(['node_modules/.bin/dustpan', 'orphans', '--execute', '--yes'], {
      ...env,
      CHAOS_PLAN: plan,
    })
    const { all, exitCode, signal } = await cli
    said.push('$ dustpan orphans --execute --yes', String(all), `ended with ${signal ?? exitCode}`)
    const isLocked = all?.includes('DUSTPAN_RUN_LOCKED')
    if (!isLocked && signal === undefined) return
    if (isLocked) await allEnd(() => processesOf(folder).filter(isReaper), longestReaperMs)
  }
}

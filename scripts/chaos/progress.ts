/** Progress output: a bar in a terminal, elsewhere a line for every twenty rounds, and every failed round. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Result } from './round.ts'
import { isFine } from './tally.ts'

export interface Progress {
  done(result: Result): void
  say(text: string): void
  end(): void
}

export function openProgress(rounds: number, seed: number): Progress {
  const { stdout } = process
  let done = 0
  const bar = () => `\r${'█'.repeat(Math.round((30 * done) / rounds)).padEnd(30, '░')} ${done} of ${rounds}`
  const clear = () => stdout.isTTY && stdout.write('\r\x1b[K')
  const say = (text: string) => {
    clear()
    console.log(text)
  }
  return {
    say,
    done(result) {
      done++
      if (!result.struck || !isFine(result)) say(troubleText(result, seed))
      if (stdout.isTTY) stdout.write(bar())
      else if (done % 20 === 0 || done === rounds) console.log(`${done} of ${rounds} rounds`)
    },
    end: () => void clear(),
  }
}

/** Describes a failed round, and saves its output. */
function troubleText({ round, struck, left, wronglyRemoved, output }: Result, seed: number): string {
  const file = join(mkdtempSync(join(tmpdir(), 'chaos-round-')), `${seed}-${round.number}.txt`)
  writeFileSync(file, `${JSON.stringify(round, null, 2)}\n${output}\nleft: ${left.join(', ')}\n`)
  return [
    `✗ --seed ${seed} --round ${round.number} (${round.phase}): ${file}`,
    ...(struck ? [] : ['  nothing was killed']),
    ...(left.length > 0 ? [`  left: ${left.join(', ')}`] : []),
    ...(wronglyRemoved.length > 0 ? [`  wrongly removed: ${wronglyRemoved.join(', ')}`] : []),
  ].join('\n')
}

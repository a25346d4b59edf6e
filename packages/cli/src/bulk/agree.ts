import type { PredicatePlan } from '@dustpan/core'
import type { BulkOptions } from '../commands/bulk.ts'
import type { Call } from '../commands.ts'
import { isYes } from '../terminal.ts'

/** Whether what the plan shows may go: as the options say, or as whoever sits there answers. */
export async function agreedTo(plan: PredicatePlan, { options, terminal }: Call<BulkOptions>): Promise<boolean> {
  if (options.yes || options.execute) return isCounted(plan, terminal)
  if (!terminal.interactive || options.json) {
    terminal.complain(
      'Nothing was removed: there is no terminal to ask on. Add --yes to remove these things, or --dry-run for the plan alone.\n',
    )
    return false
  }
  const agrees = plan.predicate.reset ? await typesName(plan, terminal) : await saysYes(plan, terminal)
  if (!agrees) terminal.write('Nothing was removed.\n')
  return agrees
}

type Terminal = Call['terminal']

/** Nobody has seen how many: that takes a person. */
function isCounted({ total }: PredicatePlan, terminal: Terminal): boolean {
  if (total !== 'unknown') return true
  terminal.complain(
    'Nothing was removed: how many there are is not known beforehand, so --yes is not enough. Leave it out, and answer; or give the endpoint a `list`, by which it is counted.\n',
  )
  return false
}

async function saysYes({ total }: PredicatePlan, terminal: Terminal): Promise<boolean> {
  const answer = await terminal.ask(
    total === 'unknown' ? 'Remove them, however many they are? [y/N] ' : `Remove ${things(total)}? [y/N] `,
  )
  return isYes(answer)
}

/** Emptying tables takes a little more than a key. */
async function typesName({ environment, total }: PredicatePlan, terminal: Terminal): Promise<boolean> {
  const what = total === 'unknown' ? 'an unknown number of things' : things(total)
  const answer = await terminal.ask(`This removes ${what} for good. Type the environment's name (${environment}): `)
  return answer?.trim() === environment
}

const things = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'thing' : 'things'}`

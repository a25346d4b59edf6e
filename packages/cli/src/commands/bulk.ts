import { bulk } from '../bulk/bulk.ts'
import { type Filter, filter } from '../bulk/filter.ts'
import type { DefineCommand } from '../commands.ts'
import { examples, list, positive } from '../options.ts'
import { type PlanOptions, planOptions } from '../plan-options.ts'
import { withSharedRuns } from '../shared-runs.ts'

export interface BulkOptions extends PlanOptions {
  readonly run?: string
  readonly tag?: string | true
  readonly owner?: string
  readonly olderThan?: string
  readonly createdBefore?: string
  readonly createdAfter?: string
  readonly where?: Filter
  readonly type?: readonly string[]
  readonly except?: readonly string[]
  readonly reset?: true
  readonly store?: string
  readonly hard?: true
  readonly soft?: true
  readonly limit?: number
}

export const defineBulk: DefineCommand = (program, act) => {
  const command = program
    .command('bulk')
    .summary('remove by run, tag, owner, age or fields, without a record')
    .description(
      "Removes what no record proves to be a test's: counts it, shows the plan, and asks. All that is given must hold. The profile of the environment says whether, and how much.",
    )
    .option('--run <id>', 'made in this run, as its own metadata says')
    .option('--tag [tag]', 'has this tag (test-data)')
    .option('--owner <id>', 'everything of this owner, who stays')
    .option('--older-than <age>', 'made longer ago: 7d, 24h')
    .option('--created-before <time>', 'made before this time')
    .option('--created-after <time>', 'made after this time')
    .option('--where <field=value>', 'a field has this value; % stands for any text; may be repeated', filter)
    .option('--type <kinds>', 'only these kinds; may be repeated', list)
    .option('--except <kinds>', 'not these kinds; may be repeated', list)
    .option('--reset', 'everything, of these kinds or all: only where the profile allows it')
    .option('--store <name>', 'only in this store, by the name of its driver')
    .option('--hard', 'delete, where the options or the profile would only mark')
    .option('--soft', 'only mark as deleted')
    .option('--limit <number>', "more than the profile's limit may go", positive)
  planOptions(command)
    .addHelpText(
      'after',
      examples([
        ['What is tagged as test data', 'dustpan bulk --tag'],
        ['What one test user has left', 'dustpan bulk --owner 42 --except activity_logs'],
        ['Old test users, by their address', "dustpan bulk --type users --where 'email=test-%' --older-than 7d"],
        ['An empty database, for scripts', 'dustpan bulk --reset --store main --yes'],
      ]),
    )
    .action(act<BulkOptions>(withSharedRuns(bulk)))
}

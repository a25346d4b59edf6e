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
    .summary('remove by tag, owner, age or field, not by record')
    .description(
      'Removes data that no ledger record proves to be test data. Counts matches, shows the plan, and asks. All filters must match. The profile of the environment decides whether this is allowed, and how much.',
    )
    .option('--run <id>', 'created in this run, according to its metadata')
    .option('--tag [tag]', 'has this tag (default: test-data)')
    .option('--owner <id>', 'everything of this owner, except the owner itself')
    .option('--older-than <age>', 'created longer ago than this: 7d, 24h')
    .option('--created-before <time>', 'created before this time')
    .option('--created-after <time>', 'created after this time')
    .option('--where <field=value>', 'a field has this value; % matches any text; repeatable', filter)
    .option('--type <kinds>', 'only these kinds; repeatable', list)
    .option('--except <kinds>', 'not these kinds; repeatable', list)
    .option('--reset', 'everything, or everything of --type; only if the profile allows it')
    .option('--store <name>', 'only this store, by driver name')
    .option('--hard', 'delete, even if options or profile say only to mark')
    .option('--soft', 'only mark as deleted')
    .option('--limit <number>', "override the profile's limit", positive)
  planOptions(command)
    .addHelpText(
      'after',
      examples([
        ['Data tagged as test data', 'dustpan bulk --tag'],
        ['What one test user left', 'dustpan bulk --owner 42 --except activity_logs'],
        ['Old test users, by email address', "dustpan bulk --type users --where 'email=test-%' --older-than 7d"],
        ['Empty a database, for scripts', 'dustpan bulk --reset --store main --yes'],
      ]),
    )
    .action(act<BulkOptions>(withSharedRuns(bulk)))
}

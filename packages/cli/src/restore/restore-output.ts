/** The output of `dustpan restore`: text as it proceeds, or one JSON value at the end. */
import type { LedgerRun, ResourceRecord } from '@dustpan/core/ledger'
import type { RestoreOptions } from '../commands/restore.ts'
import type { Call } from '../commands.ts'
import { jsonPlan, type PlanOutput, textPlan } from '../plan-output.ts'
import type { Restorable } from './choose-restorable.ts'
import { outcomeText, planText } from './restore-text.ts'

export type RestoreOutcomes = Awaited<ReturnType<LedgerRun['restore']>>

export interface RestoreOutput extends PlanOutput<Restorable> {
  outcome(choice: Restorable, outcomes: RestoreOutcomes): void
}

export function restoreOutput(call: Call<RestoreOptions>): RestoreOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

const words = { nothing: 'Nothing to restore', untouched: 'Nothing was restored' }

function textOutput(call: Call<RestoreOptions>): RestoreOutput {
  const { terminal } = call
  return {
    ...textPlan(call, words, planText),
    outcome(choice, outcomes) {
      terminal.write(outcomeText(choice, outcomes, terminal))
    },
  }
}

function jsonOutput(call: Call<RestoreOptions>): RestoreOutput {
  const { write, ...plan } = jsonPlan(call, planJson)
  return {
    ...plan,
    outcome({ records }, outcomes) {
      const resources = [...outcomes].map(([id, outcome]) => {
        const { code, message, hint } = outcome.state === 'failed' ? outcome.error : {}
        const details = outcome.state === 'failed' ? { error: { code, message, hint } } : { result: outcome.result }
        return { ...named(records.get(id)), state: outcome.state, ...details }
      })
      write({ resources })
    },
  }
}

function planJson(run: LedgerRun, { records, due, refused, refusals, lost }: Restorable): object {
  return {
    run: run.folded().id,
    plan: run.restorePlan(due).units.map(({ driver, type, resources }) => ({
      store: driver,
      storeId: records.get(resources[0]?.id ?? '')?.storeId,
      type,
      restores: resources.map(({ id }) => named(records.get(id))),
    })),
    refused: {
      ids: refused.map(({ id }) => id),
      reasons: refusals.map(({ code, message, hint }) => ({ code, message, hint })),
    },
    withoutBackup: lost.map(({ id }) => id),
  }
}

const named = (record: ResourceRecord | undefined) => ({ id: record?.id, type: record?.type, key: record?.key })

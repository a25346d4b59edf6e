import { DustpanError } from '@dustpan/core'
import type { HowToRemove, WhatToRemove } from '@dustpan/core/ledger'
import type { BulkOptions } from '../commands/bulk.ts'

/** @throws DustpanError `DUSTPAN_INVALID_ARGUMENT` for options that contradict each other. */
export function whatToRemove(options: BulkOptions): WhatToRemove & HowToRemove {
  const { type, except, hard, soft, run, tag, owner, olderThan, createdBefore, createdAfter, where, reset } = options
  const { store, limit } = options
  if (hard && soft) throw new DustpanError('DUSTPAN_INVALID_ARGUMENT', '--hard and --soft are mutually exclusive.')
  const deletion = hard ? 'hard' : soft ? 'soft' : undefined
  const all = {
    types: type,
    except,
    run,
    tag,
    owner,
    olderThan,
    createdBefore,
    createdAfter,
    where,
    reset,
    store,
    limit,
    deletion,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

/** Tables with unknown deletions, by their ids. Those of an open transaction count at once, and end if it is rolled back. */

export interface Doubt {
  readonly table: string
  /** Sequences restart too. */
  readonly restart: boolean
}

/** Whether sequences restart too, by table. */
const doubted = new Map<string, boolean>()
const open = new Set<Doubt>()
let collected: Doubt[] | undefined

export function doubtTable(doubt: Doubt): void {
  if (!collected) {
    keep(doubt)
    return
  }
  // An earlier doubt of the transaction lasts at least as long.
  if (collected.some(({ table, restart }) => table === doubt.table && (restart || !doubt.restart))) return
  collected.push(doubt)
  open.add(doubt)
}

export const areTablesDoubted = (): boolean => doubted.size > 0 || open.size > 0

/** The doubts about tables: whether their sequences restart too. */
export function doubtsAbout(tables: readonly string[]): readonly boolean[] {
  const settled = tables.flatMap((table) => doubted.get(table) ?? [])
  return [...settled, ...[...open].filter(({ table }) => tables.includes(table)).map(({ restart }) => restart)]
}

/** Adds what `record` doubts to the doubts of its transaction, to be kept or dropped when it ends. */
export function collectDoubts(doubts: Doubt[], record: () => void): void {
  collected = doubts
  try {
    record()
  } finally {
    collected = undefined
  }
}

export function keepDoubts(doubts: readonly Doubt[]): void {
  for (const doubt of doubts) {
    open.delete(doubt)
    keep(doubt)
  }
}

export function dropDoubts(doubts: readonly Doubt[]): void {
  for (const doubt of doubts) open.delete(doubt)
}

function keep({ table, restart }: Doubt): void {
  doubted.set(table, restart || doubted.get(table) === true)
}

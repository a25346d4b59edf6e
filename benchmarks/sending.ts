/** Compares sending records to a shared ledger with a handwritten way. Both read the journal from disk. */
import { machine } from '@dustpan/conformance/ledgers'
import type { SharedLedger } from '@dustpan/core/ledger'
import { compare } from './compare.ts'

const n = 10_000

export interface ByHand {
  readonly name: string
  /** The maximum ratio of the times. */
  readonly limit: number
  /** @param lines without line ends */
  write(run: string, lines: readonly string[]): Promise<unknown>
}

/** Disposes of the ledger. */
export async function sending(
  name: string,
  ledger: SharedLedger,
  byHand: ByHand,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  using here = machine('here')
  const keys = Array.from({ length: n }, (_, key) => key)
  let [run, round] = ['', 0]
  const before = () => {
    run = `20261121-051207-${String(++round).padStart(6, '0')}`
    here.writer(run, 'w1')
    here.created(run, 'w1', keys)
  }
  const write = async () => void (await byHand.write(run, here.text(run, 'w1.jsonl').split('\n').slice(0, -1)))
  await compare({
    name,
    question: `${n.toLocaleString('en')} records sent to a shared ledger`,
    settings,
    arms: [
      { name: byHand.name, warmups: 3, before, run: write },
      { name: 'Dustpan', warmups: 3, before, run: async () => void (await here.shipment(ledger, run).ship()) },
    ],
    limits: [{ arm: 'Dustpan', than: byHand.name, kind: 'atMost', value: byHand.limit }],
  })
  await ledger[Symbol.asyncDispose]()
}

/** Cases: journal lines with all kinds of text. */
import { expect, test } from 'vitest'
import type { LedgerCases } from '../stage.ts'

export const texts: LedgerCases = (stage) => {
  test('a torn line is reported, and read once the rest of it is written', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.writer(run, 'w1')
    here.append(run, 'w1', 'garbage \0 \xff\n')
    here.created(run, 'w1', [1])
    const line = here.text(run, 'w1.jsonl').split('\n')[2] as string
    here.append(run, 'w1', line.slice(0, 40))
    await here.shipment(open(), run).conclude()
    await there.bringIn(open())
    expect(there.folded(run).warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^2 line\(s\) of .* \(line 2, 4\)/),
    ])
    here.append(run, 'w1', `${line.slice(40).replaceAll('w1-1', 'w1-2')}\n`)
    await here.shipment(open(), run).conclude()
    await there.bringIn(open())
    expect(there.keys(run)).toHaveLength(2)
  })

  test('a run whose first line is torn is sent', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.append(run, 'w1', 'torn\n')
    here.created(run, 'w1', [1])
    await here.shipment(open(), run).conclude()
    await there.bringIn(open())
    expect(there.keys(run)).toEqual([1])
  })

  test('special characters arrive unchanged', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    const title = 'ünï "quotes" \\ 日本 🧹 \u2028 {1,2} NULL'
    here.writer(run, 'w1', { runner: title })
    here.append(run, 'w1', '\n')
    here.created(run, 'w1', [1])
    await here.shipment(open(), run).conclude()
    await there.bringIn(open())
    expect(there.folded(run).writers[0]?.runner).toBe(title)
    expect([there.keys(run), there.folded(run).warnings]).toEqual([[1], []])
  })

  test('a journal with 200,000 empty lines arrives', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.writer(run, 'w1')
    here.append(run, 'w1', '\n'.repeat(200_000))
    here.created(run, 'w1', [1])
    await here.shipment(open(), run).conclude()
    await there.bringIn(open())
    expect(there.keys(run)).toEqual([1])
  })

  test('100,000 lines arrive complete and in order', async () => {
    const { open, host, newRun } = stage()
    const [here, there, run] = [host('here'), host('there'), newRun()]
    here.writer(run, 'w1')
    here.created(
      run,
      'w1',
      Array.from({ length: 100_000 }, (_, n) => n),
    )
    expect(await here.shipment(open(), run).ship()).toBe(100_001)
    await there.bringIn(open())
    const lines = (text: string) => text.split('\n').slice(1, 100_001)
    expect(lines(there.text(run, 'w1.elsewhere.jsonl'))).toEqual(lines(here.text(run, 'w1.jsonl')))
  })
}

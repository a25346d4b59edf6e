/** Suite for the configuration of a shared ledger. Needs no server. */
import { type LedgerConfig, loadSettings } from '@dustpan/core/ledger'
import { prepareSettings } from '@dustpan/core/runner'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openMachine } from './two-machines/machine.ts'

export interface ConfigurationSubject {
  /** The ledger's package. */
  readonly use: string
  createLedger(options: unknown): unknown
  /** The function that a TypeScript configuration calls. */
  configure(options: { readonly url: { readonly env: string }; readonly keep: string }): LedgerConfig
  /** A URL of its kind, not connected to. */
  readonly url: string
  /** Invalid options of this ledger. A missing URL and an invalid `keep` are tested for every ledger. */
  readonly wrong: readonly (readonly [title: string, options: object, option: string])[]
}

export function ledgerConfiguration({ use, createLedger, configure, url, wrong }: ConfigurationSubject): void {
  describe('the configuration of the ledger', () => {
    test.for([...wrong, ['no URL', {}, 'url'], ['an invalid duration', { url, keep: 'long' }, 'keep']] as const)(
      'is rejected with DUSTPAN_CONFIG_INVALID: %s',
      ([, options, option]) => {
        const error = thrownBy(() => createLedger(options))
        expect(error).toMatchObject({
          code: 'DUSTPAN_CONFIG_INVALID',
          message: expect.stringContaining(`ledger.options.${option}`),
        })
        expect((error as Error).message).not.toContain('pl4nted')
      },
    )

    test('is plain data, as YAML can contain', () => {
      const options = { url: { env: 'DUSTPAN_LEDGER_URL' }, keep: '7d' }
      expect(configure(options)).toEqual({ use, options })
    })

    test('is undefined when its URL is empty', async () => {
      const folder = configured(use, "{ url: env('DUSTPAN_LEDGER_URL', '') }")
      expect((await loadSettings(folder, {})).ledger).toBeUndefined()
      expect((await loadSettings(folder, { DUSTPAN_LEDGER_URL: url })).ledger).toMatchObject({ options: { url } })
    })

    test('is rejected with DUSTPAN_CONFIG_INVALID before the first test', async () => {
      await expect(prepareSettings(configured(use, `{ url: '${url}', keep: 'long' }`))).rejects.toMatchObject({
        code: 'DUSTPAN_CONFIG_INVALID',
        message: expect.stringContaining('ledger.options.keep'),
      })
    })
  })
}

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
}

/** A folder with such a configuration. */
function configured(use: string, options: string): string {
  const machine = openMachine(
    `import { env } from '@dustpan/core'
export default { ledger: { use: '${use}', options: ${options} } }`,
    {},
  )
  onTestFinished(() => machine[Symbol.dispose]())
  return machine.folder
}

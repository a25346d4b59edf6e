import type { CreateDriver } from '@dustpan/core/driver'
import { capabilities } from './capabilities.ts'
import { instrument } from './capture/instrument.ts'
import { sameServer, storeOf } from './identity.ts'
import { checkOptions } from './options.ts'
import { connect } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { removalOf } from './removal/spec.ts'

/** Creates the driver of a configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` for invalid options. */
export const createDriver: CreateDriver = (name, options, { root }) => {
  const { url, capture } = checkOptions(name, options)
  return {
    name,
    capabilities,
    instruments: capture === false ? [] : [instrument],
    serves: ({ id }) => sameServer(id, url),
    leadsTo: ({ id }) => id === storeOf(url),
    ownStore: () => storeOf(url),
    connect: (store, ctx) => connect(store, { url, root }, ctx),
    removal: (spec) => ({ removal: removalOf(name, spec), store: { id: storeOf(url) } }),
    describe,
  }
}

/** NewStore through `new-store`. */
import type { DriverSubject } from '@dustpan/conformance/drivers'

export const newStore: DriverSubject = {
  name: 'new-store',
  use: '@dustpan/new-store',
  kind: 'things',
  library: { name: 'new-store', range: '^1' },
  excuses: [],
  async start() {
    return {
      product: 'NewStore',
      address: { host: 'localhost', port: 1234 },
      secrets: [],
      async place() {
        throw new Error('To be written: place() in packages/conformance/test/drivers/new-store.ts')
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}

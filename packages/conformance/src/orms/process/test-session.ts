import type { Done } from './messages.ts'

export interface TestSession {
  /** Runs the body inside a test, which stays open; tells what is on record. */
  test(title: string, body: () => Promise<void>): Promise<Done>
  /** Closes the test as passed; tells what became of what is on record. */
  close(): Promise<Done>
  end(): Promise<void>
}

export const noSession: TestSession = {
  async test(_, body) {
    await body()
    return {}
  },
  close: async () => ({}),
  end: async () => {},
}

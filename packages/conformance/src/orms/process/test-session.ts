import type { Done } from './messages.ts'

export interface TestSession {
  /** Runs the body inside a test, which stays open, and resolves to its records. */
  test(title: string, body: () => Promise<void>): Promise<Done>
  /** Closes the test as passed, and resolves to the outcome of its records. */
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

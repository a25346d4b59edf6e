import { messageOf } from '@dustpan/core/driver'

/** PostgreSQL's own parser, compiled to WebAssembly: loaded with the first `pg`, in about 15 ms. */
type Parser = typeof import('libpg-query')

let parsing: Parser | undefined
let failure: unknown
let loading: Promise<void> | undefined

export const parser = {
  get loaded(): boolean {
    return parsing !== undefined
  },
  /** Loads once; later calls wait for the same load. Never rejects: if loading failed, `parse` throws the reason. */
  load(): Promise<void> {
    loading ??= load().catch((error) => {
      failure = error
    })
    return loading
  },
  parse: (text: string) => loaded().parseSync(text),
  scan: (text: string) => loaded().scanSync(text),
}

async function load(): Promise<void> {
  const module = await import('libpg-query')
  await module.loadModule()
  parsing = module
}

function loaded(): Parser {
  if (parsing) return parsing
  throw new Error(failure ? `the parser could not be loaded: ${messageOf(failure)}` : 'the parser is not loaded yet')
}

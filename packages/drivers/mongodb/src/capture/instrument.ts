import type { Instrument } from '@dustpan/core/driver'
import type { MongoModule } from '../mongo.ts'
import type { CaptureRules } from './rules.ts'
import { watchClient } from './watch-client.ts'

/** Captures every client of a copy of `mongodb`, including those of Mongoose and other libraries built on it. */
export function mongoInstrument(rules: CaptureRules): Instrument {
  return {
    module: 'mongodb',
    accepts: isMongo,
    install(exports, sink) {
      const { MongoClient, BSON } = exports as MongoModule
      return watchClient(MongoClient.prototype, sink, rules, BSON.EJSON)
    },
  }
}

function isMongo(exports: unknown): exports is MongoModule {
  const { MongoClient, BSON } = (exports ?? {}) as Partial<MongoModule>
  return typeof MongoClient === 'function' && typeof MongoClient.prototype?.startSession === 'function' && BSON != null
}

/** Publishes a tracking process so that test code finds it. */
import { temporaryFolderIn } from '../files/temporary-folder.ts'
import { type Instance, publishInstance } from '../tracking/instance.ts'
import type { Scope } from '../tracking/scope.ts'
import { captureSink } from '../tracking/sink.ts'
import { type TestScope, testScope } from '../tracking/test-scope.ts'
import { trackIn } from '../tracking/track.ts'
import type { Tracking } from '../tracking/tracking.ts'

export function startInstance(tracking: Tracking): { instance: Instance; published: Disposable } {
  const scopes = new WeakMap<Scope, TestScope>()
  const current = () => tracking.context.current() ?? tracking.runScope
  const instance: Instance = {
    sink: captureSink(tracking),
    track: (input) => trackIn(tracking, current(), input),
    scope() {
      const scope = current()
      const known = scopes.get(scope) ?? testScope(tracking, scope)
      scopes.set(scope, known)
      return known
    },
    temporaryFolder: (name) => temporaryFolderIn(tracking, current(), name),
  }
  return { instance, published: publishInstance(instance) }
}

/** Moves an async resource's code into a scope, without a function around it, which would show in the stack of its errors. */
import { AsyncResource } from 'node:async_hooks'
import type { OpenScope } from '@dustpan/core/worker'

/** From now on what the resource runs has the context that it had, but for the scope. */
export function runInScope(resource: AsyncResource, scope: OpenScope): void {
  const carrier = AsyncResource.prototype.runInAsyncScope.call(resource, () => scope.run(newResource)) as AsyncResource
  for (const part of Object.getOwnPropertySymbols(carrier)) {
    if (isContext(part)) Object.assign(resource, { [part]: Reflect.get(carrier, part) })
  }
  carrier.emitDestroy()
}

const newResource = () => new AsyncResource('Dustpan', { requireManualDestroy: true })

/** Node 24 keeps a context as one frame, Node 22 each store for itself. */
const isContext = ({ description }: symbol): boolean => /context|kResourceStore/i.test(description ?? '')

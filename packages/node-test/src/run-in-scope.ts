/** Moves an async resource into a scope without a wrapper function, which would show in the stacks of errors. */
import { AsyncResource } from 'node:async_hooks'
import type { OpenScope } from '@dustpan/core/worker'

/** The resource keeps its async context, except that it now runs in the scope. */
export function runInScope(resource: AsyncResource, scope: OpenScope): void {
  const carrier = AsyncResource.prototype.runInAsyncScope.call(resource, () => scope.run(newResource)) as AsyncResource
  for (const part of Object.getOwnPropertySymbols(carrier)) {
    if (isContext(part)) Object.assign(resource, { [part]: Reflect.get(carrier, part) })
  }
  carrier.emitDestroy()
}

const newResource = () => new AsyncResource('Dustpan', { requireManualDestroy: true })

/** Node 24 keeps a context as one frame, Node 22 keeps each store separately. */
const isContext = ({ description }: symbol): boolean => /context|kResourceStore/i.test(description ?? '')

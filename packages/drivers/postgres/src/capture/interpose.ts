import type { Submittable } from '../pg.ts'

/** The methods that pg calls on a query while it runs. */
export type Handlers = Pick<
  Submittable,
  'submit' | 'handleRowDescription' | 'handleDataRow' | 'handleCommandComplete' | 'handleError' | 'handleReadyForQuery'
>

/** Replaces the handlers of a query and returns the original ones. A stream (COPY) does not have all of them. */
export function interpose(query: Submittable, handlers: Handlers): Handlers {
  const { submit, handleError, handleReadyForQuery } = query
  const { handleRowDescription = ignore, handleDataRow = ignore, handleCommandComplete = ignore } = query
  query.submit = (connection) => handlers.submit(connection)
  query.handleRowDescription = (message) => handlers.handleRowDescription(message)
  query.handleDataRow = (message) => handlers.handleDataRow(message)
  query.handleCommandComplete = (message, connection) => handlers.handleCommandComplete(message, connection)
  query.handleError = (error, connection) => handlers.handleError(error, connection)
  query.handleReadyForQuery = (connection) => handlers.handleReadyForQuery(connection)
  return { submit, handleRowDescription, handleDataRow, handleCommandComplete, handleError, handleReadyForQuery }
}

function ignore(): void {}

/** The statements of a transaction of ours. */
export const begin = 'START TRANSACTION'
export const commit = 'COMMIT'
export const rollback = 'ROLLBACK'

/** Dustpan's driver for Kafka: tells what tests sent, and removes the topics and groups that they made. */
export { capture } from './capture.ts'
export { createDriver } from './driver.ts'
export type { HeaderNames, KafkaOptions, SaslOptions, SslOptions } from './options.ts'
export { kafka } from './options.ts'
export { topicName } from './topic-name.ts'

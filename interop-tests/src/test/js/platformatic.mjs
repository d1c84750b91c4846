// SPDX-License-Identifier: Apache-2.0
// Sends 100 records, reads them in a group that commits. Arguments: host:port, a name for topic and group.
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'

const [broker, name] = process.argv.slice(2)
const count = 100
const connection = { clientId: 'interop', bootstrapBrokers: [broker] }

const admin = new Admin(connection)
await admin.createTopics({ topics: [name], partitions: 2, replicas: 1 })

const producer = new Producer({ ...connection, serializers: stringSerializers })
const messages = Array.from({ length: count }, (_, i) => ({ topic: name, key: `key-${i}`, value: `value-${i}` }))
await producer.send({ messages, compression: 'gzip', acks: -1 })
await producer.close()

const consumer = new Consumer({ ...connection, groupId: name, deserializers: stringDeserializers })
const stream = await consumer.consume({ topics: [name], mode: 'earliest', autocommit: false })
const values = new Set()
let committed = 0
for await (const message of stream) {
  values.add(message.value)
  await message.commit()
  committed++
  if (values.size === count) {
    break
  }
}
await consumer.close(true)

console.log(`read ${values.size}, committed ${committed}`)
await admin.deleteTopics({ topics: [name] })
await admin.close()

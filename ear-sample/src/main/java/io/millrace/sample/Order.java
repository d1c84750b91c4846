// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.EJBException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.StringReader;

/**
 * An order; in messages JSON text, so that any Kafka client reads it too.
 *
 * @param id the client's, so that it may repeat an order it got no answer to
 */
record Order(String id, String item, int quantity) {
    static Order of(Message message) {
        JsonObject order = json(message);
        return new Order(order.getString("id"), order.getString("item"), order.getInt("quantity"));
    }

    /** With where the record lies in the log: any Kafka client finds it there. */
    static JsonObject json(Message message) {
        try (var reader = Json.createReader(new StringReader(message.getBody(String.class)))) {
            return Json.createObjectBuilder(reader.readObject())
                    .add("partition", message.getIntProperty("JMS_Millrace_Partition"))
                    .add("offset", message.getLongProperty("JMS_Millrace_Offset"))
                    .build();
        } catch (JMSException e) {
            throw new EJBException(e);
        }
    }

    /** @param state how far it got */
    JsonObject toJson(String state) {
        return Json.createObjectBuilder()
                .add("id", id)
                .add("item", item)
                .add("quantity", quantity)
                .add("state", state)
                .build();
    }
}

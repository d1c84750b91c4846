// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Messages of another provider: they keep headers, properties and body in maps of their own, know no class of Millrace
 * and support no more than a provider needs to send them (Jakarta Messaging 3.1, section 3.12).
 */
final class ForeignMessages {
    private ForeignMessages() {}

    static Message message() {
        return new Foreign(null).as(Message.class);
    }

    static TextMessage text(@Nullable String text) {
        return new Foreign(text).as(TextMessage.class);
    }

    static BytesMessage bytes(byte[] body) {
        return new Foreign(body).as(BytesMessage.class);
    }

    static MapMessage map(Map<String, ?> body) {
        return new Foreign(body).as(MapMessage.class);
    }

    static StreamMessage stream(Object... body) {
        return new Foreign(Arrays.asList(body)).as(StreamMessage.class);
    }

    static ObjectMessage object(@Nullable Object body) {
        return new Foreign(body).as(ObjectMessage.class);
    }

    private static final class Foreign implements InvocationHandler {
        private final Map<String, Object> headers = new LinkedHashMap<>();
        private final Map<String, Object> properties = new LinkedHashMap<>();
        private final Object body;
        private boolean readable;
        private int position;

        Foreign(@Nullable Object body) {
            this.body = body;
        }

        <M extends Message> M as(Class<M> type) {
            return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this));
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws JMSException {
            String name = method.getName();
            if (name.startsWith("setJMS")) {
                headers.put(name.substring(3), arguments[0]);
                return null;
            } else if (name.startsWith("getJMS")) {
                return headers.getOrDefault(name.substring(3), absent(method.getReturnType()));
            } else if (name.endsWith("Property")) {
                return name.startsWith("set")
                        ? properties.put((String) arguments[0], arguments[1])
                        : properties.get(arguments[0]);
            }
            return switch (name) {
                case "getPropertyNames" -> Collections.enumeration(properties.keySet());
                case "getText", "getObject" -> body instanceof Map<?, ?> map ? map.get(arguments[0]) : body;
                case "getMapNames" -> Collections.enumeration(((Map<?, ?>) body).keySet());
                case "reset" -> reset();
                case "getBodyLength" -> (long) ((byte[]) body).length;
                case "readBytes" -> readBytes((byte[]) arguments[0]);
                case "readObject" -> readObject();
                case "toString" -> "a foreign message";
                default -> throw new UnsupportedOperationException(name);
            };
        }

        private static @Nullable Object absent(Class<?> type) {
            if (!type.isPrimitive()) {
                return null;
            }
            return type == boolean.class ? (Object) false : type == int.class ? (Object) 0 : (Object) 0L;
        }

        private @Nullable Object reset() {
            readable = true;
            position = 0;
            return null;
        }

        /** Gives a few bytes at a time, as it may. */
        private int readBytes(byte[] buffer) {
            byte[] bytes = (byte[]) body;
            if (!readable || position == bytes.length) {
                return -1;
            }
            int count = Math.min(3, Math.min(buffer.length, bytes.length - position));
            System.arraycopy(bytes, position, buffer, 0, count);
            position += count;
            return count;
        }

        private Object readObject() throws JMSException {
            List<Object> values = new ArrayList<>((List<?>) body);
            if (!readable || position == values.size()) {
                throw new MessageEOFException("no more");
            }
            return values.get(position++);
        }
    }
}

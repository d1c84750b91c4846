// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.record.internal.BaseRecords;

/** Gives every field that a message has in a version a random value that is not its default. */
final class MessageFiller {
    private final Random random;

    MessageFiller(Random random) {
        this.random = random;
    }

    void fill(Object message, Schema schema) throws ReflectiveOperationException {
        for (BoundField field : schema.fields()) {
            if (field.def.type instanceof TaggedFields tagged) {
                for (Field taggedField : tagged.fields().values()) {
                    set(message, taggedField);
                }
            } else {
                set(message, field.def);
            }
        }
    }

    private void set(Object message, Field field) throws ReflectiveOperationException {
        Method setter = setter(message.getClass(), field.name);
        setter.invoke(message, value(setter.getParameterTypes()[0], setter.getGenericParameterTypes()[0], field.type));
    }

    private static Method setter(Class<?> messageClass, String snakeCaseName) {
        String wanted = "set" + snakeCaseName.replace("_", "");
        for (Method method : messageClass.getMethods()) {
            if (method.getName().equalsIgnoreCase(wanted) && method.getParameterCount() == 1) {
                return method;
            }
        }
        throw new AssertionError("no setter for " + snakeCaseName + " in " + messageClass);
    }

    private Object value(Class<?> type, Type genericType, org.apache.kafka.common.protocol.types.Type wireType)
            throws ReflectiveOperationException {
        if (Collection.class.isAssignableFrom(type)) {
            return collection(type, genericType, wireType.arrayElementType().orElseThrow());
        }
        if (wireType instanceof Schema nested) {
            Object message = type.getConstructor().newInstance();
            fill(message, nested);
            return message;
        }
        return scalar(type);
    }

    private Collection<Object> collection(
            Class<?> type, Type genericType, org.apache.kafka.common.protocol.types.Type elementType)
            throws ReflectiveOperationException {
        Type element = type == List.class
                ? ((ParameterizedType) genericType).getActualTypeArguments()[0]
                : ((ParameterizedType) type.getGenericSuperclass()).getActualTypeArguments()[0];
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(3); i++) {
            Class<?> elementClass =
                    element instanceof ParameterizedType p ? (Class<?>) p.getRawType() : (Class<?>) element;
            values.add(value(elementClass, element, elementType));
        }
        if (type == List.class) {
            return values;
        }
        @SuppressWarnings("unchecked") // Kafka's collections take what their superclass is declared with.
        Collection<Object> collection =
                (Collection<Object>) type.getConstructor().newInstance();
        collection.addAll(values);
        return collection;
    }

    private Object scalar(Class<?> type) {
        int number = 2 + random.nextInt(30_000);
        if (type == boolean.class) {
            return true;
        } else if (type == byte.class || type == Byte.class) {
            return (byte) (2 + random.nextInt(100));
        } else if (type == short.class || type == Short.class) {
            return (short) number;
        } else if (type == int.class || type == Integer.class) {
            return number;
        } else if (type == long.class || type == Long.class) {
            return (long) number << 20;
        } else if (type == double.class) {
            return number + 0.5;
        } else if (type == String.class) {
            return "\u00fc-" + number;
        } else if (type == Uuid.class) {
            return new Uuid(random.nextLong(), random.nextLong());
        } else if (type == byte[].class) {
            return bytes(1 + random.nextInt(50));
        } else if (type == ByteBuffer.class) {
            return ByteBuffer.wrap(bytes(1 + random.nextInt(50)));
        } else if (type == BaseRecords.class) {
            return new ByteBufRecords(records());
        }
        throw new AssertionError("no value for " + type);
    }

    private ByteBuf records() {
        return Unpooled.directBuffer()
                .writeBytes(bytes(random.nextBoolean() ? 100 : 2 * ByteBufWritable.COMPONENT_BYTES));
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is values one after the other (Jakarta Messaging 3.1, section 3.11): write-only until
 * {@link #reset()} or receipt, read-only after it.
 */
public final class MillraceStreamMessage extends MillraceMessage implements StreamMessage {
    private final List<@Nullable Object> values = new ArrayList<>();
    private int next;
    private BytesField bytes = BytesField.NOT_BEGUN;

    public MillraceStreamMessage() {}

    /** A message that came with these values; their arrays are not copied. */
    public MillraceStreamMessage(List<? extends @Nullable Object> values) {
        this.values.addAll(values);
    }

    /** All values, whichever mode it is in; a view whose arrays are the message's own. */
    public List<@Nullable Object> values() {
        return Collections.unmodifiableList(values);
    }

    /** How far {@link #readBytes} has come in the field that is next. */
    private sealed interface BytesField {
        BytesField NOT_BEGUN = new NotBegun();

        record NotBegun() implements BytesField {}

        record Begun(int read) implements BytesField {}
    }

    @Override
    void bodyReceived() {
        next = 0;
        bytes = BytesField.NOT_BEGUN;
    }

    @Override
    public void reset() {
        setBodyReadOnly(true);
        bodyReceived();
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        values.clear();
        bodyReceived();
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        throw new MessageFormatException(
                "A StreamMessage cannot be read as one object; use its read methods (Message.getBody).");
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature of jakarta.jms
    public boolean isBodyAssignableTo(Class bodyType) {
        return false;
    }

    // ---- reading

    /** How a value is read as a type. */
    private interface As<T> {
        T convert(@Nullable Object value) throws JMSException;
    }

    /** The next value; the position moves on only when it could be read as that type (section 3.11.3). */
    private <T> T read(As<T> type) throws JMSException {
        T converted = type.convert(peekWhole());
        next++;
        return converted;
    }

    private @Nullable Object peekWhole() throws JMSException {
        Object value = peek();
        if (bytes instanceof BytesField.Begun) {
            throw new MessageFormatException(
                    "A byte[] field has been read in part: call readBytes until it returns less than the buffer holds"
                            + " (StreamMessage.readBytes).");
        }
        return value;
    }

    private @Nullable Object peek() throws JMSException {
        if (!isBodyReadOnly()) {
            throw new MessageNotReadableException("This StreamMessage is being written; call reset() to read it.");
        }
        if (next == values.size()) {
            throw new MessageEOFException("The body ends after " + values.size() + " values.");
        }
        return values.get(next);
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(Conversions::toBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(Conversions::toByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(Conversions::toShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(Conversions::toChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(Conversions::toInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(Conversions::toLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(Conversions::toFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(Conversions::toDouble);
    }

    @Override
    public @Nullable String readString() throws JMSException {
        String text = Conversions.toText(peekWhole());
        next++;
        return text;
    }

    @Override
    public @Nullable Object readObject() throws JMSException {
        Object value = BodyValues.copied(peekWhole());
        next++;
        return value;
    }

    /** One field may take several calls: it ends with the call that fills less than the buffer, or gives -1. */
    @Override
    public int readBytes(byte[] buffer) throws JMSException {
        Object value = peek();
        if (value == null) {
            next++;
            return -1;
        }
        if (!(value instanceof byte[] field)) {
            throw Conversions.refused(value, "byte[]");
        }
        int read = bytes instanceof BytesField.Begun begun ? begun.read() : 0;
        if (bytes instanceof BytesField.Begun && read == field.length) {
            endOfField();
            return -1;
        }
        int count = Math.min(buffer.length, field.length - read);
        System.arraycopy(field, read, buffer, 0, count);
        if (count < buffer.length) {
            endOfField();
        } else {
            bytes = new BytesField.Begun(read + count);
        }
        return count;
    }

    private void endOfField() {
        next++;
        bytes = BytesField.NOT_BEGUN;
    }

    // ---- writing

    private void write(@Nullable Object value) throws JMSException {
        checkBodyWriteable();
        values.add(value);
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(value);
    }

    @Override
    public void writeString(@Nullable String value) throws JMSException {
        write(value);
    }

    @Override
    public void writeBytes(byte @Nullable [] value) throws JMSException {
        write(BodyValues.checked(value));
    }

    @Override
    public void writeBytes(byte @Nullable [] value, int offset, int length) throws JMSException {
        write(BodyValues.part(value, offset, length));
    }

    @Override
    public void writeObject(@Nullable Object value) throws JMSException {
        write(BodyValues.checked(value));
    }
}

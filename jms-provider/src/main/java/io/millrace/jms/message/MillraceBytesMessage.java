// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is bytes (Jakarta Messaging 3.1, section 3.11): write-only until {@link #reset()} or receipt,
 * read-only after it.
 */
public final class MillraceBytesMessage extends MillraceMessage implements BytesMessage {
    private ByteArrayOutputStream written = new ByteArrayOutputStream();
    private DataOutputStream out = new DataOutputStream(written);
    private ByteBuffer in = ByteBuffer.allocate(0);

    public MillraceBytesMessage() {}

    /** A message that came with these bytes. */
    public MillraceBytesMessage(byte[] bytes) {
        written.writeBytes(bytes);
    }

    /** All bytes of the body, whichever mode it is in; a copy. */
    public byte[] bytes() {
        return written.toByteArray();
    }

    @Override
    void bodyReceived() {
        in = ByteBuffer.wrap(written.toByteArray());
    }

    @Override
    public void reset() {
        setBodyReadOnly(true);
        bodyReceived();
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        written = new ByteArrayOutputStream();
        out = new DataOutputStream(written);
        in = ByteBuffer.allocate(0);
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        if (!isBodyAssignableTo(bodyType)) {
            throw notAssignable(bodyType);
        }
        reset();
        return written.size() == 0 ? null : bodyType.cast(bytes());
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature of jakarta.jms
    public boolean isBodyAssignableTo(Class bodyType) {
        return written.size() == 0 || ((Class<?>) bodyType).isAssignableFrom(byte[].class);
    }

    @Override
    public long getBodyLength() throws JMSException {
        checkReadable();
        return in.limit();
    }

    private void checkReadable() throws MessageNotReadableException {
        if (!isBodyReadOnly()) {
            throw new MessageNotReadableException("This BytesMessage is being written; call reset() to read it.");
        }
    }

    private <T> T read(Function<ByteBuffer, T> how) throws JMSException {
        checkReadable();
        int start = in.position();
        try {
            return how.apply(in);
        } catch (BufferUnderflowException e) {
            in.position(start);
            MessageEOFException end = new MessageEOFException("The body ends at byte " + in.limit() + ".");
            end.initCause(e);
            throw end;
        }
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(ByteBuffer::get) != 0;
    }

    @Override
    public byte readByte() throws JMSException {
        return read(ByteBuffer::get);
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return read(ByteBuffer::get) & 0xff;
    }

    @Override
    public short readShort() throws JMSException {
        return read(ByteBuffer::getShort);
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return read(ByteBuffer::getShort) & 0xffff;
    }

    @Override
    public char readChar() throws JMSException {
        return read(ByteBuffer::getChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(ByteBuffer::getInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(ByteBuffer::getLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(ByteBuffer::getFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(ByteBuffer::getDouble);
    }

    @Override
    public String readUTF() throws JMSException {
        int start = in.position();
        byte[] encoded = read(buffer -> {
            int length = buffer.getShort(buffer.position()) & 0xffff;
            byte[] bytes = new byte[Short.BYTES + Math.min(length, buffer.remaining() - 1)];
            buffer.get(bytes);
            return bytes;
        });
        try (DataInputStream decoder = new DataInputStream(new ByteArrayInputStream(encoded))) {
            return decoder.readUTF();
        } catch (IOException e) {
            in.position(start); // section 3.11.3: it can be read again as another type
            MessageFormatException bad = new MessageFormatException("There is no text in modified UTF-8 here.");
            bad.initCause(e);
            throw bad;
        }
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        return readBytes(value, value.length);
    }

    @Override
    public int readBytes(byte[] value, int length) throws JMSException {
        checkReadable();
        if (length < 0 || length > value.length) {
            throw new IndexOutOfBoundsException("length " + length + " is not within 0 to " + value.length);
        }
        if (!in.hasRemaining() && length > 0) {
            return -1;
        }
        int count = Math.min(length, in.remaining());
        in.get(value, 0, count);
        return count;
    }

    /** Writes to the stream in memory. */
    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private void write(Writing what) throws JMSException {
        checkBodyWriteable();
        try {
            what.to(out);
        } catch (IOException e) {
            MessageFormatException bad = new MessageFormatException("The value cannot be written: " + e.getMessage());
            bad.initCause(e);
            throw bad;
        }
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write(stream -> stream.writeBoolean(value));
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write(stream -> stream.writeByte(value));
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write(stream -> stream.writeShort(value));
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write(stream -> stream.writeChar(value));
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write(stream -> stream.writeInt(value));
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write(stream -> stream.writeLong(value));
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        write(stream -> stream.writeFloat(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        write(stream -> stream.writeDouble(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        write(stream -> stream.writeUTF(value));
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write(stream -> stream.write(value));
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write(stream -> stream.write(value, offset, length));
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        if (value instanceof Boolean bool) {
            writeBoolean(bool);
        } else if (value instanceof Byte number) {
            writeByte(number);
        } else if (value instanceof Short number) {
            writeShort(number);
        } else if (value instanceof Character character) {
            writeChar(character);
        } else if (value instanceof Integer number) {
            writeInt(number);
        } else if (value instanceof Long number) {
            writeLong(number);
        } else if (value instanceof Float number) {
            writeFloat(number);
        } else if (value instanceof Double number) {
            writeDouble(number);
        } else if (value instanceof String text) {
            writeUTF(text);
        } else if (value instanceof byte[] bytes) {
            writeBytes(bytes);
        } else if (value == null) {
            throw new NullPointerException("writeObject needs a value");
        } else {
            throw new MessageFormatException(
                    "A BytesMessage cannot hold a " + value.getClass().getName() + ".");
        }
    }
}

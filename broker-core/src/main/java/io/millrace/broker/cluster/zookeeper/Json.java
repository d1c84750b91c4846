// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster.zookeeper;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Reads and writes the JSON objects in znodes. Unknown fields are passed over, so that a later version may add some. */
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes the fields of one object. */
    @FunctionalInterface
    interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    /** Takes one field; the parser stands on its value. */
    @FunctionalInterface
    interface FieldReader {
        void read(String name, JsonParser json) throws IOException;
    }

    static byte[] object(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Throws {@link IllegalArgumentException} naming {@code path} when the bytes are not such an object. */
    static void parse(String path, byte[] bytes, FieldReader reader) {
        try (JsonParser json = FACTORY.createParser(bytes)) {
            expect(json.nextToken(), JsonToken.START_OBJECT);
            fields(json, reader);
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "znode " + path + " holds no JSON that can be read: " + e.getMessage(), e);
        }
    }

    /** Reads the fields of the object whose start the parser stands on. */
    static void fields(JsonParser json, FieldReader reader) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            reader.read(name, json);
        }
        expect(json.currentToken(), JsonToken.END_OBJECT);
    }

    static void expect(JsonToken found, JsonToken wanted) throws IOException {
        if (found != wanted) {
            throw new IOException("found " + found + " in place of " + wanted);
        }
    }
}

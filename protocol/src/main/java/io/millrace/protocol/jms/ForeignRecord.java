// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.record.RecordHeader;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records that no JMS sender wrote: the body's type is guessed, headers become String properties. */
final class ForeignRecord {
    private static final String CONTENT_TYPE = "content-type";

    private static final Map<String, BodyType> NAMED = Map.of(
            "application/octet-stream", BodyType.BYTES,
            "application/x-jms-map+json", BodyType.MAP,
            "application/x-jms-stream+json", BodyType.STREAM,
            "application/x-java-serialized-object", BodyType.OBJECT);

    private static final byte[] NO_TYPES = {};

    private ForeignRecord() {}

    static JmsRecord decode(
            JmsRecord.Builder message, List<RecordHeader> headers, byte @Nullable [] body, BodyType foreignType) {
        BodyType bodyType = foreignType;
        for (RecordHeader header : headers) {
            if (header.key().equalsIgnoreCase(CONTENT_TYPE)) {
                bodyType = bodyType(header.value(), foreignType);
            } else if (!header.key().equals(JmsRecordCodec.JMS_HEADER)
                    && PropertyName.isLegalForForeign(header.key())) {
                JmsRecordCodec.addProperty(message, header, PropertyType.STRING);
            }
        }
        if (bodyType == BodyType.TEXT && body != null && Utf8.decode(body) == null) {
            bodyType = BodyType.BYTES;
        }
        return message.body(bodyType, body).readElements(NO_TYPES).build();
    }

    private static BodyType bodyType(byte @Nullable [] contentType, BodyType foreignType) {
        String text = contentType == null ? null : Utf8.decode(contentType);
        if (text == null) {
            return foreignType;
        }
        int parameters = text.indexOf(';');
        String mediaType =
                (parameters < 0 ? text : text.substring(0, parameters)).trim().toLowerCase(Locale.ROOT);
        BodyType named = NAMED.get(mediaType);
        if (named != null) {
            return named;
        }
        if (mediaType.startsWith("text/") || mediaType.equals("application/json")) {
            return BodyType.TEXT;
        }
        return foreignType;
    }
}

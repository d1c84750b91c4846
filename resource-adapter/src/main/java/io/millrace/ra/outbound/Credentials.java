// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.SecurityException;
import jakarta.resource.spi.security.PasswordCredential;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/**
 * As whom an application connects.
 *
 * @param user the user, or {@code null} for the factory's
 * @param password the password, or {@code null}
 */
record Credentials(@Nullable String user, @Nullable String password) implements ConnectionRequestInfo {
    static final Credentials OF_FACTORY = new Credentials(null, null);

    /** The container's subject first (container sign-on), then the application's, then the factory's own. */
    static Credentials of(
            ManagedConnectionFactory factory, @Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        if (subject != null) {
            for (PasswordCredential credential : subject.getPrivateCredentials(PasswordCredential.class)) {
                if (factory.equals(credential.getManagedConnectionFactory())) {
                    return new Credentials(credential.getUserName(), new String(credential.getPassword()));
                }
            }
        }
        if (info == null) {
            return OF_FACTORY;
        }
        if (info instanceof Credentials credentials) {
            return credentials;
        }
        throw new SecurityException(
                "Not a request of this adapter: " + info.getClass().getName());
    }

    @Override
    public String toString() {
        return "Credentials[" + user + "]";
    }
}

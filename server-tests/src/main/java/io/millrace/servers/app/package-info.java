// SPDX-License-Identifier: Apache-2.0
/**
 * The application that is deployed on each server: senders, message-driven beans and the servlet through which a test
 * moves them. The same classes everywhere; what differs are the descriptors, one set for each server.
 */
@NullMarked
package io.millrace.servers.app;

import org.jspecify.annotations.NullMarked;

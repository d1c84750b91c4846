// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import io.millrace.jms.MillraceXAConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.transaction.xa.XAResource;
import org.apache.derby.jdbc.EmbeddedXADataSource;

/** Where a {@link NarayanaWorker} puts each message beside its first broker: another broker, or a database. */
interface SecondResource extends AutoCloseable {
    /** What the URL of a database begins with; its directory follows. */
    String DATABASE = "derby:";

    XAResource resource() throws Exception;

    /** Adds a text in the branch that the resource works in. */
    void add(String text) throws Exception;

    @Override
    void close() throws JMSException, SQLException;

    static SecondResource open(String url) throws Exception {
        return url.startsWith(DATABASE)
                ? new Database(url.substring(DATABASE.length()))
                : new Broker(new MillraceXAConnectionFactory(url).createXAConnection());
    }

    /** A broker's queue. */
    final class Broker implements SecondResource {
        private final XAConnection connection;
        private final XASession session;

        Broker(XAConnection connection) throws Exception {
            this.connection = connection;
            this.session = connection.createXASession();
        }

        @Override
        public XAResource resource() {
            return session.getXAResource();
        }

        @Override
        public void add(String text) throws Exception {
            session.createProducer(session.createQueue(NarayanaWorker.OUT)).send(session.createTextMessage(text));
        }

        @Override
        public void close() throws JMSException {
            connection.close();
        }
    }

    /** A table of a Derby database in this process, which dies with it. */
    final class Database implements SecondResource {
        private static final String TABLE_EXISTS = "X0Y32";

        private final javax.sql.XAConnection connection;

        Database(String directory) throws SQLException {
            System.setProperty("derby.stream.error.file", directory + ".log");
            try (java.sql.Connection plain = plain(directory);
                    Statement statement = plain.createStatement()) {
                statement.execute("create table arrived (text varchar(100))");
            } catch (SQLException e) {
                if (!TABLE_EXISTS.equals(e.getSQLState())) {
                    throw e;
                }
            }
            EmbeddedXADataSource source = new EmbeddedXADataSource();
            source.setDatabaseName(directory);
            connection = source.getXAConnection();
        }

        private static java.sql.Connection plain(String directory) throws SQLException {
            return DriverManager.getConnection("jdbc:derby:" + directory + ";create=true");
        }

        @Override
        public XAResource resource() throws SQLException {
            return connection.getXAResource();
        }

        @Override
        public void add(String text) throws SQLException {
            try (java.sql.Connection in = connection.getConnection();
                    PreparedStatement insert = in.prepareStatement("insert into arrived values (?)")) {
                insert.setString(1, text);
                insert.executeUpdate();
            }
        }

        /** All that is in the table. */
        static List<String> texts(String directory) throws SQLException {
            List<String> texts = new ArrayList<>();
            try (java.sql.Connection plain = plain(directory);
                    Statement statement = plain.createStatement();
                    ResultSet rows = statement.executeQuery("select text from arrived")) {
                while (rows.next()) {
                    texts.add(rows.getString(1));
                }
            }
            return texts;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}

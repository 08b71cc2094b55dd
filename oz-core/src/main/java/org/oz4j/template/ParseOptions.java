package org.oz4j.template;

import java.util.Map;
import java.util.Optional;

import org.oz4j.config.OzConfig.Network;

/**
 * How a template is read, and how far it is trusted.
 *
 * @param parameters values for its parameters, by name
 * @param localFiles whether it may name files of this host ({@code file:} addresses, an answer file by its path)
 * @param includes which other files it may take in
 * @param rootPasswordNeeded whether it must say a root password
 * @param network how guests are connected whose template does not say
 * @param catalog the operating systems to check it against; empty to check the language alone
 */
public record ParseOptions(
        Map<String, String> parameters,
        boolean localFiles,
        Includes includes,
        boolean rootPasswordNeeded,
        Network network,
        Optional<OsCatalog> catalog) {

    /** Which files a template may take in, by XInclude or {@code <include>}. */
    public enum Includes {
        /** None. */
        NONE,
        /** Those in its own folder and the folders below. */
        BELOW_ITS_FOLDER,
        /** Any file of this host. */
        ANY_LOCAL
    }

    /** Copies the map. */
    public ParseOptions {
        parameters = Map.copyOf(parameters);
    }

    /** For a template of one's own: it may name local files, and include those below its folder. */
    public static ParseOptions defaults() {
        return new ParseOptions(Map.of(), true, Includes.BELOW_ITS_FOLDER, false, new Network.User(), Optional.empty());
    }

    /** For a stranger's template: it sees nothing of this host. */
    public static ParseOptions untrusted() {
        return new ParseOptions(Map.of(), false, Includes.NONE, false, new Network.User(), Optional.empty());
    }

    /** These options with those values of parameters. */
    public ParseOptions withParameters(Map<String, String> values) {
        return new ParseOptions(values, localFiles, includes, rootPasswordNeeded, network, catalog);
    }

    /** These options with those files to include. */
    public ParseOptions withIncludes(Includes allowed) {
        return new ParseOptions(parameters, localFiles, allowed, rootPasswordNeeded, network, catalog);
    }

    /** These options, with a root password needed or not. */
    public ParseOptions withRootPasswordNeeded(boolean needed) {
        return new ParseOptions(parameters, localFiles, includes, needed, network, catalog);
    }

    /** These options, for guests that are connected in that way. */
    public ParseOptions withNetwork(Network usual) {
        return new ParseOptions(parameters, localFiles, includes, rootPasswordNeeded, usual, catalog);
    }

    /** These options, checking against those operating systems too. */
    public ParseOptions withCatalog(OsCatalog known) {
        return new ParseOptions(parameters, localFiles, includes, rootPasswordNeeded, network, Optional.of(known));
    }
}

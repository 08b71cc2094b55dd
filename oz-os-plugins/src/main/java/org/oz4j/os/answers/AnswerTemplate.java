package org.oz4j.os.answers;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.TemplateMethodModelEx;
import freemarker.template.TemplateModelException;
import org.oz4j.remote.ShellWords;

/**
 * Fills in the templates of answer files, which lie as FreeMarker files beside the class that owns them.
 *
 * <p>A file whose name ends with {@code .ftlx} is XML, and every value is escaped for it. Others escape what they write: by
 * {@code sh(text)}, which makes a word of a shell, or {@code "${text?json_string}"} for JSON (not for YAML, which has no
 * {@code \/}). What a template names and is not given is an error.
 */
public final class AnswerTemplate {
    private static final ConcurrentMap<Class<?>, Configuration> KNOWN = new ConcurrentHashMap<>();

    private AnswerTemplate() {}

    /**
     * Fills in a template.
     *
     * @param owner the class in whose package it lies
     * @param name its file name, such as {@code preseed.cfg.ftl}
     * @param values what it names: texts, numbers, truths, lists and maps; what there is none of is left out
     */
    public static String fill(Class<?> owner, String name, Map<String, ?> values) {
        Map<String, Object> all = new HashMap<>(values);
        all.put("sh", (TemplateMethodModelEx) AnswerTemplate::word);
        try {
            Template template =
                    KNOWN.computeIfAbsent(owner, AnswerTemplate::configuration).getTemplate(name);
            StringWriter text = new StringWriter();
            template.process(all, text);
            return text.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " is missing in this jar, or broken", e);
        } catch (TemplateException e) {
            throw new IllegalStateException("the template " + name + " can't be filled in", e);
        }
    }

    private static Configuration configuration(Class<?> owner) {
        Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
        configuration.setClassForTemplateLoading(owner, "");
        configuration.setDefaultEncoding("UTF-8");
        configuration.setLocale(Locale.ROOT);
        configuration.setNumberFormat("computer");
        configuration.setInterpolationSyntax(Configuration.DOLLAR_INTERPOLATION_SYNTAX);
        configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        configuration.setLogTemplateExceptions(false); // values may be secret
        configuration.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
        return configuration;
    }

    private static Object word(List<?> arguments) throws TemplateModelException {
        if (arguments.size() != 1) {
            throw new TemplateModelException("sh takes one text");
        }
        return ShellWords.quote(String.valueOf(arguments.get(0)));
    }
}

;; Java stops no thread that does not want to: an interrupt ends it, and the kernel starts a new one.
(ns lectern
  (:import (java.io PushbackReader StringReader)))

(defn- run [path]
  (let [cell (PushbackReader. (StringReader. (slurp path :encoding "UTF-8")))]
    (loop []
      (let [form (read {:eof ::end} cell)]
        (when-not (= form ::end)
          (let [value (eval form)]
            (when (some? value) (prn value)))
          (recur))))))

(let [mark (System/getenv "LECTERN_MARK")
      say (fn [& lines] (flush) (.flush *err*) (run! println lines) (flush))]
  (binding [*ns* (create-ns 'user)]
    (refer 'clojure.core)
    (say (str mark "ready"))
    (loop []
      (when-let [path (read-line)]
        (try
          (run path)
          (catch Throwable problem
            (let [cause (or (ex-cause problem) problem)]
              (say (str mark "error") (.getSimpleName (class cause)) (ex-message cause)))))
        (say (str mark "ready"))
        (recur)))))

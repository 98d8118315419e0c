;; Forms are read and evaluated one after the other, in cl-user, as at the prompt.
(let ((mark (sb-posix:getenv "LECTERN_MARK")))
  (flet ((say (&rest lines)
           (finish-output *error-output*)
           (format t "~{~A~%~}" lines)
           (finish-output)))
    (say (format nil "~Aready" mark))
    (loop for path = (read-line *standard-input* nil)
          while path
          do (handler-case
                 (with-open-file (cell path :external-format :utf-8)
                   (loop for form = (read cell nil cell)
                         until (eq form cell)
                         do (let ((values (multiple-value-list (eval form))))
                              (when (and values (not (equal values '(nil))))
                                (format t "~{~S~%~}" values)))))
               (serious-condition (problem)
                 (say (format nil "~Aerror" mark) (type-of problem) problem)))
             (say (format nil "~Aready" mark)))))
